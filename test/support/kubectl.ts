import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ControlPlane } from './control-plane.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 30_000;

/** The machine's kubectl as the administrator; rejects when it fails, with `stdout` and `stderr`. */
export const kubectlOf = (plane: ControlPlane) => async (...args: string[]): Promise<string> =>
  (await run('kubectl', ['--kubeconfig', plane.kubeconfig, '--cache-dir', join(plane.directory, 'cache'), ...args], { timeout: TIMEOUT_MS })).stdout;
