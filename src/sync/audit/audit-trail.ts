import { readFile } from 'node:fs/promises';
import { isJsonObject, type JsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Manager } from './ownership.ts';

/** The writes of one object, as an audit log (audit.k8s.io/v1, one event a line) has them. */
export class AuditTrail {
  readonly #events: readonly AuditedWrite[];

  constructor(events: readonly AuditedWrite[]) {
    this.#events = events;
  }

  /** The user behind a field manager's last change; undefined when the log does not reach back, or leaves it open. */
  userOf({ metadata }: Pick<KubeObject, 'metadata'>, { name, time, subresource }: Manager): string | undefined {
    if (time === undefined) return undefined;
    const at = Date.parse(time);
    const candidates = this.#events.filter((event) => (event.uid === undefined || event.uid === metadata.uid) && (event.subresource ?? '') === (subresource ?? '') && event.manager === name);
    // managedFields has whole seconds, of the moment at which the write was decided.
    const users = new Set(candidates.filter((event) => event.end >= at && event.start < at + 1000).map(({ user }) => user));
    return users.size === 1 ? [...users][0] : undefined;
  }
}

export interface AuditedWrite {
  readonly user: string;
  readonly manager: string;
  readonly uid?: string;
  readonly subresource?: string;
  /** Milliseconds since the epoch, from its arrival to its answer. */
  readonly start: number;
  readonly end: number;
}

/** Undefined when the log cannot be read, as on another machine than the API server's. */
export async function readAuditTrail(file: string, resource: ResourceType, { metadata }: KubeObject): Promise<AuditTrail | undefined> {
  const content = await readFile(file).catch(() => undefined);
  if (!content) return undefined;
  const events = [...linesWith(content, JSON.stringify(metadata.name))].flatMap((line) => writeOf(line, resource, metadata));
  return new AuditTrail(events);
}

/** Only lines that hold the name are parsed: logs are long, and objects few. */
function* linesWith(content: Buffer, needle: string): Generator<string> {
  for (let at = content.indexOf(needle); at >= 0;) {
    const start = content.lastIndexOf('\n', at) + 1;
    const end = content.indexOf('\n', at);
    yield content.toString('utf8', start, end < 0 ? content.length : end);
    at = end < 0 ? -1 : content.indexOf(needle, end);
  }
}

const WRITES: ReadonlySet<unknown> = new Set(['create', 'update', 'patch']);

function writeOf(line: string, { group, plural }: ResourceType, { name, namespace }: KubeObject['metadata']): readonly AuditedWrite[] {
  const event = parse(line);
  const { objectRef: ref, stage, verb, user, impersonatedUser: acting, responseStatus: status } = event;
  if (stage !== 'ResponseComplete' || !WRITES.has(verb) || !isJsonObject(ref) || !isJsonObject(user) || (isJsonObject(status) && Number(status['code']) >= 300)) return [];
  if (ref['resource'] !== plural || (ref['apiGroup'] ?? '') !== group || ref['name'] !== name || (namespace !== undefined && ref['namespace'] !== namespace)) return [];
  return [{
    user: String((isJsonObject(acting) ? acting : user)['username']), manager: managerOf(event), start: Date.parse(String(event['requestReceivedTimestamp'])), end: Date.parse(String(event['stageTimestamp'])),
    ...(typeof ref['uid'] === 'string' ? { uid: ref['uid'] } : {}), ...(typeof ref['subresource'] === 'string' ? { subresource: ref['subresource'] } : {}),
  }];
}

/** Named by the request, or else what stands before the first slash of the user agent. */
function managerOf({ requestURI, userAgent }: JsonObject): string {
  const named = URL.parse(String(requestURI), 'https://api')?.searchParams.get('fieldManager');
  return named || (String(userAgent).split('/', 1)[0] ?? '');
}

function parse(line: string): JsonObject {
  try {
    const value = JSON.parse(line) as unknown;
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
