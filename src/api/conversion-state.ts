import { DecodeState, foundText, Mismatch } from '#api/decoders.ts';

/** Of an object that a strategic merge has made: Go converts it without a text between, and its converter has words of its own. */
export class ConversionState extends DecodeState {
  override mismatch(value: unknown, goType: string): Error {
    const kind = goKind(value);
    if (goType.startsWith('map[')) return new Mismatch(`cannot restore map from ${kind}`);
    if (goType.startsWith('[]')) return new Mismatch(`cannot restore slice from ${kind}`);
    if (goType.includes('.')) return new Mismatch(`cannot restore struct from: ${kind}`);
    const isConvertible = typeof value === 'number' && goType !== 'bool';
    return new Mismatch(isConvertible ? `cannot convert ${kind} to ${goType}` : `unrecognized type: ${goType}`);
  }

  override unread(value: unknown, goType: string): Error {
    return new Mismatch(`json: cannot unmarshal ${foundText(value, goType)} into Go value of type ${goType}`);
  }
}

function goKind(value: unknown): string {
  if (typeof value === 'object') return Array.isArray(value) ? 'slice' : 'map';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return Number.isInteger(value) || typeof value === 'bigint' ? 'int64' : 'float64';
}
