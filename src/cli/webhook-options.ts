import type { Command } from 'commander';
import { DEFAULT_UP_FLAGS } from './up-options.ts';

/** For the commands that run sync. */
export const addWebhookOptions = (command: Command): Command => command
  .option('--webhook-port <port>', 'where Git providers tell of pushes, once a Repository has a webhook', DEFAULT_UP_FLAGS.webhookPort)
  .option('--webhook-address <ip>', 'address on which that is; 127.0.0.1 behind a proxy that speaks TLS', DEFAULT_UP_FLAGS.webhookAddress);
