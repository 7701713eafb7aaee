import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INSTALLATION } from '#base/installation.ts';

export interface Script {
  readonly text: string;
  /** What EVALSHA calls it by. */
  readonly sha: string;
}

export interface Scripts {
  readonly open: Script;
  readonly transaction: Script;
  readonly compact: Script;
  readonly trim: Script;
  readonly endLease: Script;
}

function readScript(name: string): Script {
  const text = readFileSync(join(INSTALLATION, 'src/store/redis/scripts', `${name}.lua`), 'utf8');
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

export const readScripts = (): Scripts => ({ open: readScript('open'), transaction: readScript('transaction'), compact: readScript('compact'), trim: readScript('trim'), endLease: readScript('end-lease') });
