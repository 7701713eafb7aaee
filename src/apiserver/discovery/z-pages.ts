import { type Clock, formatTime } from '#base/clock.ts';
import { acceptedRanges, notAcceptable, type Range } from '../http/media-type.ts';
import { formatYaml } from '../http/yaml.ts';
import type { TextAnswer } from '../paths.ts';
import { VERSION } from './version.ts';

export interface ZPagesOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** What the server was started with, by the names of its flags; nothing secret. */
  readonly flags: Readonly<Record<string, string>>;
  /** All that is served below no resource. */
  readonly paths: () => readonly string[];
}

const COMPONENT = 'kube-apiserver';
const GROUP = 'config.k8s.io';
const VERSIONS: ReadonlySet<string | undefined> = new Set(['v1alpha1', 'v1beta1']);
const TEXT = 'text/plain';
const TYPES = ['application/json', 'application/yaml', TEXT] as const;
/** Of no use to who looks for what ails a server. */
const NOT_FOR_DEBUGGING: ReadonlySet<string> = new Set(['/api', '/apis', '/openid', '/openapi', '/.well-known']);
const WARNING = 'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.';
/** The same in all versions. */
const BINARY_VERSION = VERSION.gitVersion.replace(/^v|\+.*$/g, '');
const EMULATION_VERSION = `${VERSION.emulationMajor}.${VERSION.emulationMinor}`;

/** What a page says, in both of its forms. */
interface Page {
  readonly kind: string;
  readonly fields: object;
  readonly lines: readonly string[];
}

/** `/statusz` and `/flagz`: what runs since when, and with which flags (KEP-4827, KEP-4828). Text for people; an object for who names its group, version and kind. */
export class ZPages {
  readonly #options: ZPagesOptions;
  readonly #startedAt: number;

  constructor(options: ZPagesOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  /** Undefined for other paths. @throws StatusError NotAcceptable */
  serve(path: string, accept: string | undefined): TextAnswer | undefined {
    switch (path) {
      case '/statusz': return answer(this.#status(), accept);
      case '/flagz': return answer(this.#flags(), accept);
      default: return undefined;
    }
  }

  #status(): Page {
    const seconds = Math.max(0, Math.floor((this.#options.clock.now() - this.#startedAt) / 1000));
    const paths = [...new Set(this.#options.paths().map((path) => `/${path.split('/')[1] ?? ''}`))].filter((path) => path !== '/' && !NOT_FOR_DEBUGGING.has(path)).toSorted();
    return {
      kind: 'Statusz',
      fields: { startTime: formatTime(this.#startedAt), uptimeSeconds: seconds, goVersion: VERSION.goVersion, binaryVersion: BINARY_VERSION, emulationVersion: EMULATION_VERSION, paths },
      lines: ['', `Started: ${unixDate(this.#startedAt)}`, `Up: ${uptime(seconds)}`, `Go version: ${VERSION.goVersion}`, `Binary version: ${BINARY_VERSION}`, `Emulation version: ${EMULATION_VERSION}`, `Paths: ${paths.join(' ')}`],
    };
  }

  #flags(): Page {
    const flags = Object.entries(this.#options.flags).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return { kind: 'Flagz', fields: { flags: Object.fromEntries(flags) }, lines: flags.map(([name, value]) => `${name}=${value}`) };
  }
}

function answer({ kind, fields, lines }: Page, accept: string | undefined): TextAnswer {
  const form = formOf(kind, accept);
  if (form === undefined) throw notAcceptable(TYPES);
  if (form.type === TEXT) return { status: 200, contentType: `${TEXT}; charset=utf-8`, body: `\n${COMPONENT} ${kind.toLowerCase()}\n${[WARNING, ...lines].join('\n')}\n` };
  const object = { kind, apiVersion: `${GROUP}/${form.version}`, metadata: { name: COMPONENT }, ...fields };
  return { status: 200, contentType: form.type, body: form.type === 'application/json' ? `${JSON.stringify(object)}\n` : formatYaml(object) };
}

function formOf(kind: string, accept: string | undefined): { readonly type: string; readonly version: string } | undefined {
  if (accept === undefined || accept.trim() === '') return { type: TEXT, version: '' };
  for (const range of acceptedRanges(accept)) {
    const { as, g: group, v: version = '' } = range.parameters;
    const isBare = as === undefined && group === undefined && version === '';
    const isWhole = as === kind && group === GROUP && VERSIONS.has(version);
    const type = TYPES.find((each) => isIn(each, range) && (each === TEXT ? isBare : isWhole));
    if (type !== undefined) return { type, version };
  }
  return undefined;
}

const isIn = (type: string, { type: wanted }: Range): boolean => wanted === '*' || wanted === '*/*' || wanted === type || wanted === `${type.split('/')[0] ?? ''}/*`;

const uptime = (seconds: number): string => `${Math.floor(seconds / 3600)} hr ${twoDigits(Math.floor(seconds / 60) % 60)} min ${twoDigits(seconds % 60)} sec`;
const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** As Go's `time.UnixDate`: `Wed Oct 16 21:03:43 UTC 2024`. */
function unixDate(ms: number): string {
  const [day = '', date = '', month = '', year = '', time = ''] = new Date(ms).toUTCString().replace(',', '').split(' ');
  return `${day} ${month} ${String(Number(date)).padStart(2)} ${time} UTC ${year}`;
}
