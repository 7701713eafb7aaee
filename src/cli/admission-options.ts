import { resolve } from 'node:path';
import type { Command } from 'commander';

/** For the commands that run the API server. */
export const addAdmissionOptions = (command: Command): Command => command
  .option('--admission-control-config-file <file>', 'AdmissionConfiguration (apiserver.config.k8s.io/v1): defaults and exemptions of pod security, what needs a quota', (file) => resolve(file));
