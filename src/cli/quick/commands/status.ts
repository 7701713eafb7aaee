import { status } from '../../status.ts';
import { LINES } from '../plain-line.ts';
import { quickProgram } from '../quick-program.ts';

export const { run } = quickProgram(LINES.status, ({ flags }) => status((flags as { readonly dataDir: string }).dataDir));
