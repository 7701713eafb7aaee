const SYSTEM_DIRS = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The environment for programs of the system. Their directories come first: npm puts `node_modules/.bin` in front, where a package's
 * `nft` would hide the real one, and a plain root shell may lack `/usr/sbin`.
 */
export const systemEnvironment = (): NodeJS.ProcessEnv => ({ ...process.env, PATH: `${SYSTEM_DIRS}:${process.env['PATH'] ?? ''}`, LC_ALL: 'C' });
