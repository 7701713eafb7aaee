import { keyOf, type KubeObject, type NamespacedName } from './object.ts';

/** Where an object can be had from, decoded anew if need be. */
export interface ObjectSource<T extends KubeObject = KubeObject> {
  /** One text for all who keep the source by it. */
  readonly key: NamespacedName;
  readonly object: T;
}

const SOURCE = Symbol('source');

/** Notes where the object comes from, unseen by all that copies, compares or writes it. */
export const withSource = <T extends KubeObject>(object: T, source: ObjectSource<T>): T => Object.defineProperty(object, SOURCE, { value: source });

/** For who keeps many objects and reads few: what to keep instead of the object. An object that has no source is kept itself. */
export const sourceOf = <T extends KubeObject>(object: T): ObjectSource<T> => (object as { readonly [SOURCE]?: ObjectSource<T> })[SOURCE] ?? { key: keyOf(object), object };
