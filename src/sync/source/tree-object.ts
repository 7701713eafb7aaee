export interface TreeEntry {
  readonly name: string;
  readonly oid: string;
  readonly kind: 'file' | 'folder' | 'link' | 'submodule';
}

const KINDS: Readonly<Record<string, TreeEntry['kind']>> = { '40000': 'folder', '120000': 'link', '160000': 'submodule' };
const ID_BYTES = 20;

/** The entries of a tree object: `<mode> <name>\\0<id>`, one after another. */
export function parseTree(content: Buffer): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const end = content.indexOf(0, space);
    const mode = content.toString('latin1', at, space).replace(/^0/, '');
    at = end + 1 + ID_BYTES;
    entries.push({ name: content.toString('utf8', space + 1, end), oid: content.toString('hex', end + 1, at), kind: KINDS[mode] ?? 'file' });
  }
  return entries;
}
