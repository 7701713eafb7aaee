import { join } from 'node:path';

/** The folder that Headway is installed in, with package.json. The sources, and the files that are built of them, are two folders below it. */
export const INSTALLATION = join(import.meta.dirname, '../..');
