import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, list, map, NULL, opaque, optional, STRING, TIMESTAMP, type Type, typeOf, UINT } from './types.ts';

/** Types by the names that stand for them in expressions. */
export const TYPE_NAMES: ReadonlyMap<string, Type> = new Map([
  ['bool', BOOL], ['int', INT], ['uint', UINT], ['double', DOUBLE], ['string', STRING], ['bytes', BYTES], ['list', list(DYN)], ['map', map(DYN, DYN)], ['null_type', NULL], ['type', typeOf(DYN)],
  ['google.protobuf.Timestamp', TIMESTAMP], ['google.protobuf.Duration', DURATION], ['net.IP', opaque('net.IP')], ['net.CIDR', opaque('net.CIDR')], ['optional_type', optional(DYN)],
]);
