import type { TreeReader } from '#sync/generators/tree-paths.ts';

/** The tree of a commit that holds these files; object ids are paths. Counts the folders that are read. */
export function memoryTree(files: Readonly<Record<string, string>>): TreeReader & { readonly read: readonly string[] } {
  const read: string[] = [];
  return {
    read,
    commit: async (oid) => ({ oid, tree: '', parents: [], author: '', time: 0 }),
    tree: async (folder) => {
      read.push(folder);
      const below = Object.keys(files).filter((path) => folder === '' || path.startsWith(`${folder}/`)).map((path) => path.slice(folder === '' ? 0 : folder.length + 1).split('/'));
      const kinds = new Map(below.map(([name = '', ...rest]) => [name, rest.length > 0 ? 'folder' as const : 'file' as const]));
      return [...kinds].map(([name, kind]) => ({ name, kind, oid: folder === '' ? name : `${folder}/${name}` }));
    },
    blob: async (oid) => (files[oid] === undefined ? undefined : { oid, type: 'blob', size: files[oid].length, content: Buffer.from(files[oid]) }),
  };
}
