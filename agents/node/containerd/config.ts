/** The configuration file of our containerd. Everything lies below the instance's own directories, so nothing else is touched. */
export interface ContainerdSettings {
  readonly root: string;
  readonly state: string;
  readonly socketPath: string;
  readonly pauseImage: string;
  readonly snapshotter: 'overlayfs' | 'native';
  /** Without CAP_SYS_RESOURCE the kernel refuses the scores that CRI asks for, and every container would fail to start. */
  readonly restrictOomScoreAdj: boolean;
  /** Where shims keep runc's state. The default lies outside the instance. */
  readonly runcRoot: string;
  readonly cniConfDir: string;
  readonly cniBinDir: string;
}

/** Plugins that no pod needs: each costs memory, start-up time, or a directory outside of the instance. */
const DISABLED = [
  'io.containerd.internal.v1.opt', 'io.containerd.internal.v1.tracing', 'io.containerd.tracing.processor.v1.otlp',
  'io.containerd.snapshotter.v1.aufs', 'io.containerd.snapshotter.v1.btrfs', 'io.containerd.snapshotter.v1.devmapper',
  'io.containerd.snapshotter.v1.zfs', 'io.containerd.snapshotter.v1.blockfile', 'io.containerd.snapshotter.v1.erofs',
  'io.containerd.internal.v1.restart', 'io.containerd.nri.v1.nri', 'io.containerd.differ.v1.erofs',
];

/** `major` is that of containerd: 2 and later split CRI into three plugins and read file format 3. */
export function containerdConfig(settings: ContainerdSettings, major: number): string {
  const other = settings.snapshotter === 'native' ? 'overlayfs' : 'native';
  const head = [
    `version = ${major >= 2 ? 3 : 2}`,
    `root = ${quote(settings.root)}`,
    `state = ${quote(settings.state)}`,
    `disabled_plugins = [${[...DISABLED, `io.containerd.snapshotter.v1.${other}`].map(quote).join(', ')}]`,
    '', '[grpc]', `  address = ${quote(settings.socketPath)}`,
    '', '[debug]', '  level = "warn"', '',
  ];
  return `${[...head, ...(major >= 2 ? splitCri(settings) : singleCri(settings))].join('\n')}\n`;
}

function singleCri(settings: ContainerdSettings): readonly string[] {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return [
    `[${cri}]`, `  sandbox_image = ${quote(settings.pauseImage)}`, ...runtimeFlags(settings), ...STREAMING,
    `[${cri}.containerd]`, `  snapshotter = "${settings.snapshotter}"`, ...runtimes(`${cri}.containerd`, settings), ...cni(cri, settings),
  ];
}

function splitCri(settings: ContainerdSettings): readonly string[] {
  const runtime = `plugins."io.containerd.cri.v1.runtime"`;
  return [
    '[plugins."io.containerd.cri.v1.images"]', `  snapshotter = "${settings.snapshotter}"`,
    '[plugins."io.containerd.cri.v1.images".pinned_images]', `  sandbox = ${quote(settings.pauseImage)}`,
    `[${runtime}]`, ...runtimeFlags(settings), `[${runtime}.containerd]`, ...runtimes(`${runtime}.containerd`, settings), ...cni(runtime, settings),
    '[plugins."io.containerd.grpc.v1.cri"]', ...STREAMING,
  ];
}

const runtimeFlags = (settings: ContainerdSettings): readonly string[] => [
  `  restrict_oom_score_adj = ${settings.restrictOomScoreAdj}`,
  // Keeps network namespaces below the state directory, where a reset finds them, instead of in /run/netns.
  '  netns_mounts_under_state_dir = true',
];

/** For exec, attach and port-forward. The port is whichever is free when containerd listens; its answers name it. */
const STREAMING: readonly string[] = ['  stream_server_address = "127.0.0.1"', '  stream_server_port = "0"'];

const runtimes = (parent: string, settings: ContainerdSettings): readonly string[] => [
  '  default_runtime_name = "runc"',
  `[${parent}.runtimes.runc]`, '  runtime_type = "io.containerd.runc.v2"',
  `[${parent}.runtimes.runc.options]`, '  SystemdCgroup = false', `  Root = ${quote(settings.runcRoot)}`,
];

const cni = (parent: string, settings: ContainerdSettings): readonly string[] => [
  `[${parent}.cni]`, `  bin_dir = ${quote(settings.cniBinDir)}`, `  conf_dir = ${quote(settings.cniConfDir)}`,
];

/** A TOML basic string: JSON's escapes are a subset of its own. */
const quote = (value: string): string => JSON.stringify(value);
