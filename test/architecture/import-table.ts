/** Which folder may import which, and the external packages that only some folders may use. The reasons: ARCHITECTURE.md. */
export interface FolderRule {
  /** Folders (by their alias) whose files may be imported. */
  readonly imports: readonly string[];
  /** When an import reaches only part of a folder: path prefixes that are allowed. */
  readonly only?: Readonly<Record<string, readonly string[]>>;
}

const LIBRARY = ['api', 'base'] as const;

export const FOLDERS: Readonly<Record<string, FolderRule>> = {
  base: { imports: [] },
  api: { imports: ['base'] },
  store: { imports: [...LIBRARY] },
  watchcache: { imports: ['store', ...LIBRARY], only: { store: ['object-store.ts', 'errors.ts'] } },
  policy: { imports: [...LIBRARY] },
  apiserver: { imports: ['watchcache', 'store', 'policy', ...LIBRARY], only: { store: ['object-store.ts', 'errors.ts'] } },
  client: { imports: [...LIBRARY] },
  queue: { imports: ['base'] },
  controller: { imports: ['client', 'queue', ...LIBRARY] },
  controllers: { imports: ['controller', 'client', ...LIBRARY] },
  scheduler: { imports: ['client', 'queue', 'controller', ...LIBRARY] },
  sync: { imports: ['client', 'queue', 'controller', 'policy', ...LIBRARY] },
  agents: { imports: ['client', ...LIBRARY] },
  cli: { imports: ['base', 'api', 'store', 'watchcache', 'policy', 'apiserver', 'client', 'queue', 'controller', 'controllers', 'scheduler', 'sync', 'agents'] },
};

/** Package (or its prefix) to the folders that may import it. Packages that are not listed may be imported nowhere. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  pino: ['base'],
  'prom-client': ['base'],
  'js-yaml': ['api', 'cli'],
  yaml: ['sync'],
  'fast-json-patch': ['sync'],
  jsonpatch: ['api'],
  ioredis: ['store', 'queue'],
  bullmq: ['queue'],
  ws: ['agents', 'apiserver'],
  '@peculiar/x509': ['apiserver', 'api'],
  'reflect-metadata': ['apiserver', 'api'],
  jose: ['apiserver'],
  'isomorphic-git': ['sync'],
  chokidar: ['sync'],
  'age-encryption': ['sync'],
  ignore: ['sync'],
  semver: ['sync'],
  'tar-stream': ['sync'],
  '@bufbuild/re2': ['policy', 'api'],
  '@grpc/grpc-js': ['agents'],
  '@bufbuild/protobuf': ['agents'],
  commander: ['cli'],
  croner: ['sync'],
};
