import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { TextAnswer } from '../paths.ts';

/** For texts that the server keeps: they take a tenth of the memory, and nearly all clients take them as they are. */
export const pack: (text: Buffer | string) => Promise<Buffer> = promisify(gzip);
export const unpack: (packed: Buffer | string) => Promise<Buffer> = promisify(gunzip);

export const bytesOf = ({ body }: TextAnswer): Buffer => (typeof body === 'string' ? Buffer.from(body) : body);
/** What a client without gzip gets. */
export const unpacked = async (answer: TextAnswer): Promise<Buffer> => (answer.isPacked ? unpack(answer.body) : bytesOf(answer));
