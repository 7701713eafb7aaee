import { isJsonObject, type JsonObject } from '#api/json.ts';
import type { UserInfo } from '#api/transport.ts';
import { Fields, type MapKey, type Value } from '#policy/cel/values.ts';
import { unescapeField } from '#policy/typing/field-names.ts';
import { JsonMap } from '#policy/typing/json-map.ts';

/** What expressions see of a token: every number is a double, as whoever signs tokens makes no difference between them. */
export const claimsValue = (claims: JsonObject): Value => new Fields('kubernetes.claims', new EscapedMap(claims, fromClaim));

/** What expressions see of the user that the claims make. */
export const userValue = ({ name, uid = '', groups, extra = {} }: UserInfo): Value =>
  new Fields('kubernetes.UserInfo', new EscapedMap({ username: name, uid, groups: groups as string[], extra: extra as JsonObject }, fromClaim));

function fromClaim(value: unknown): Value {
  if (Array.isArray(value)) return value.map(fromClaim);
  return isJsonObject(value) ? new EscapedMap(value, fromClaim) : (value as string | number | boolean | null);
}

/** Members are reached by their escaped names, too: `claims.a__dot__b`. Those whose own name looks like an escaped one are not reached. */
class EscapedMap extends JsonMap {
  override get(key: MapKey): Value | undefined {
    return super.get(typeof key === 'string' ? unescapeField(key) : key);
  }

  override has(key: MapKey): boolean {
    return super.has(typeof key === 'string' ? unescapeField(key) : key);
  }
}
