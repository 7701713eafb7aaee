import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { INSTALLATION } from '#base/installation.ts';
import { loadQuickProgram } from './program-files.ts';

/** `start.cjs COMMAND ...`: by the command's quick program where that will do, else the ordinary way. */
const [command = '', ...args] = process.argv.slice(2);
const isRunning = loadQuickProgram(command)?.run(args);
if (!isRunning) void import(pathToFileURL(join(INSTALLATION, 'src/cli/main.ts')).href);
