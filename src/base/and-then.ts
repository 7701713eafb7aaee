/**
 * Goes on with a value at once, and with a promise of one when it is there: on a path where nothing is waited for, for the most part, promises
 * would be a large part of the cost. `next` may throw in the one case and rejects in the other.
 */
export const andThen = <A, B>(value: A | Promise<A>, next: (value: A) => B | Promise<B>): B | Promise<B> => (value instanceof Promise ? value.then(next) : next(value));
