import { setDefaultCACertificates } from 'node:tls';
import { report, watchOutput } from '../report.ts';
import { type LineShape, type PlainLine, readPlainLine } from './plain-line.ts';

/** A command that is a program of its own: all that it needs in one file. */
export interface QuickProgram {
  /** False for a line that is not plain; nothing has been done then. Ends the process with the command. */
  run(args: readonly string[]): boolean;
}

export const quickProgram = (shape: LineShape, command: (line: PlainLine) => Promise<void>): QuickProgram => ({
  run(args) {
    const line = readPlainLine(shape, args);
    if (!line) return false;
    watchOutput();
    // Each connection is told its cluster's authority. Node would read its own list before the first one nevertheless.
    setDefaultCACertificates([]);
    // What is left then, such as connections, need not be waited for.
    command(line).then(() => process.stdout.write('', () => process.exit()), report);
    return true;
  },
});
