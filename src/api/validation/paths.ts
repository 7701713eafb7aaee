import type { Problems } from './problems.ts';

/** No step of the path leads upwards. */
export function checkNoBacksteps(problems: Problems, field: string, path: string): void {
  if (path.split('/').includes('..')) problems.invalid(field, path, "must not contain '..'");
}

/** A path below the folder to which it is relative. */
export function checkLocalPath(problems: Problems, field: string, path: string): void {
  if (path.startsWith('/')) problems.invalid(field, path, 'must be a relative path');
  checkNoBacksteps(problems, field, path);
}

/** As {@link checkLocalPath} for files that the node writes: it keeps names of its own there, which begin with two dots. */
export function checkFilePath(problems: Problems, field: string, path: string): void {
  checkLocalPath(problems, field, path);
  if (path.startsWith('..') && !path.startsWith('../')) problems.invalid(field, path, "must not start with '..'");
}

/** A path that leaves the folder to which it is relative. */
export const isOutside = (path: string): boolean => path.startsWith('/') || path.split('/').includes('..');
