import type { Command } from 'commander';

/** For the parts that run alone: together with the API server they tell there. */
export const addMetricsOptions = (command: Command): Command => command
  .option('--metrics-port <port>', 'where /metrics and /healthz are served, over plain HTTP (default: nowhere)')
  .option('--metrics-address <ip>', 'address on which that is', '127.0.0.1');
