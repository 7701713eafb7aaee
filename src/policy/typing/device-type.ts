import { BOOL, DYN, map, object, STRING, type Type } from '../cel/types.ts';
import { QUANTITY } from '../library/quantities.ts';

/** Of a device: its attributes or capacities, and bytes of the texts by which they are named. */
const MAX_NAMES = 32;
const DOMAIN: Type = { ...STRING, max: 63 };
const ID: Type = { ...STRING, max: 32 };
/** A bool, an integer, a version or a text of 64 bytes. */
const ATTRIBUTE: Type = { ...DYN, max: 64 };

/** By domain, then by id. */
const named = (value: Type): Type => map(DOMAIN, map(ID, value, MAX_NAMES), MAX_NAMES);

const FIELDS: ReadonlyMap<string, Type> = new Map([
  ['driver', DOMAIN], ['attributes', named(ATTRIBUTE)], ['capacity', named(QUANTITY)], ['allowMultipleAllocations', BOOL],
]);

/** The variable of selectors of devices, with the sizes that the validation of ResourceSlices lets in. */
export const DEVICE_VARIABLES: ReadonlyMap<string, Type> = new Map([['device', object('kubernetes.DRADevice', (name) => FIELDS.get(name))]]);
