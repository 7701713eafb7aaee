import { join } from 'node:path';
import { INSTALLATION } from '#base/installation.ts';
import { loadQuickProgram } from './program-files.ts';

/** `start.cjs COMMAND ...`: by the command's quick program where that will do, else the ordinary way. */
const [command = '', ...args] = process.argv.slice(2);
const isRunning = loadQuickProgram(command)?.run(args);
// The shell knows whether what was built of all sources counts.
if (!isRunning) process.execve?.(join(INSTALLATION, 'bin/headway'), ['headway', command, ...args], { ...process.env, HEADWAY_ORDINARY: 'yes' });
