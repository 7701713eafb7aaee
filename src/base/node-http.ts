/** Parts of `node:http`. Not imported as a module, whose namespace would load all of undici with it: 25 to 50 ms of a process's start. */
export const { request: httpRequest, STATUS_CODES } = process.getBuiltinModule('node:http');
