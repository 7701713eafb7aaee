const PLAIN = /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;
const BARE = /^[0-9a-fA-F]{32}$/;
const PREFIX = 'urn:uuid:';
/** Go's package knows all of these; only the first may be stored. */
const LENGTH = { plain: 36, urn: 36 + PREFIX.length, braces: 38, bare: 32 } as const;

/** What is wrong with the UID of a share. */
export function uidFault(uid: string): string | undefined {
  const why = formFault(uid);
  if (why !== undefined) return `error validating uid: ${why}`;
  if (uid.length === LENGTH.plain && uid === uid.toLowerCase()) return undefined;
  return 'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters';
}

function formFault(uid: string): string | undefined {
  const length = Buffer.byteLength(uid);
  const isHex = length === LENGTH.bare ? BARE.test(uid) : PLAIN.test(length === LENGTH.urn ? uid.slice(PREFIX.length) : length === LENGTH.braces ? uid.slice(1, -1) : uid);
  if (length === LENGTH.urn && uid.slice(0, PREFIX.length).toLowerCase() !== PREFIX) return `invalid urn prefix: ${JSON.stringify(uid.slice(0, PREFIX.length))}`;
  if (length === LENGTH.braces && !/^\{.*\}$/.test(uid)) return 'invalid bracketed UUID format';
  if (!Object.values<number>(LENGTH).includes(length)) return `invalid UUID length: ${length}`;
  return isHex ? undefined : 'invalid UUID format';
}
