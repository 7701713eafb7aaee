import type { FetchReason } from '../errors.ts';

/** What git, curl and ssh say (in the C locale), from the surest to the vaguest. */
const SIGNS: readonly (readonly [FetchReason, RegExp])[] = [
  ['HostKeyRefused', /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/i],
  ['CertificateRefused', /certificate (?:verification|verify) failed|SSL certificate problem|server certificate|does not match target host/i],
  ['Redirected', /unable to update url base from redirection|requested URL returned error: 30\d/i],
  ['AccessDenied', /Authentication failed|could not read (?:Username|Password)|Permission denied|returned error: 40[13]|Invalid username or token|access denied|Repository not found|returned error: 404|repository '.*' not found/i],
  ['Unreachable', /Could not resolve host|Failed to connect|Connection (?:refused|timed out|reset)|Couldn't connect|No route to host|Network is unreachable|Operation timed out|returned error: (?:429|5\d\d)|Temporary failure in name resolution|Empty reply from server|GnuTLS recv error/i],
  ['MirrorDamaged', /is corrupt|is empty|bad object|missing (?:blob|tree|commit) object|unable to read (?:tree|sha1 file)|did not send all necessary objects|not a git repository|bad config|inflate:|packfile .* (?:cannot be accessed|does not match)|index file .* is (?:too small|corrupt)|unresolved deltas|bad signature/i],
];

/** Why git failed, by its own words. */
export const failureReason = (stderr: string): FetchReason | 'GitFailed' => SIGNS.find(([, sign]) => sign.test(stderr))?.[0] ?? 'GitFailed';
