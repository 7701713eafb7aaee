import type { KubeObject } from '#api/object.ts';
import { syncOptions } from '../apply/sync-options.ts';
import { hookOf } from '../hooks/hook.ts';
import type { AwaitedObject } from '../inventory/application-index.ts';
import { describe } from '../inventory/identity.ts';
import type { RenderedObject } from '../render/renderer.ts';
import type { KnownKinds } from './declared-kinds.ts';

/** Whether the object shall wait for its kind, which something else of the commit may bring about. */
export const isAwaited = (object: KubeObject, scheme: KnownKinds): boolean =>
  syncOptions(object).awaitsKind && scheme.byKind(object.apiVersion, object.kind) === undefined && hookOf(object) === undefined;

export const awaitedObject = ({ object: { apiVersion, kind, metadata }, path, line }: RenderedObject): AwaitedObject => ({ apiVersion, kind, place: `${describe(kind, metadata)} (${path}:${line})` });
