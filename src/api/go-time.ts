/** The point in time that a text names. */
export interface GoTime {
  /** Of its whole second. */
  readonly ms: number;
  /** Digits of its fraction of a second, as they were written. */
  readonly fraction: string;
}

const RFC3339 = '2006-01-02T15:04:05Z07:00';
const RFC3339_MICRO = '2006-01-02T15:04:05.000000Z07:00';
const TWO_DIGITS = /^\d\d$/;

/** A time as Go's `time.Parse` reads it, or what is wrong with it in Go's words. With `isMicro` exactly six digits of a fraction are wanted, otherwise any number of them. */
export function goTime(text: string, isMicro: boolean): GoTime | { readonly fault: string } {
  try {
    return new Reader(text, isMicro).read();
  } catch (error) {
    if (error instanceof Misread) return { fault: error.message };
    throw error;
  }
}

/** A text between quotes as package `time` writes it: what is no printable ASCII stands there byte by byte. */
export const goTimeQuote = (text: string): string => `"${text.replaceAll(/["\\]|[^ -\u007f]/gu, (c) => (c === '"' || c === '\\' ? `\\${c}` : hexOf(c)))}"`;

const hexOf = (character: string): string => [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');

class Misread extends Error {}

class Reader {
  readonly #text: string;
  readonly #isMicro: boolean;
  #rest: string;

  constructor(text: string, isMicro: boolean) {
    this.#text = text;
    this.#isMicro = isMicro;
    this.#rest = text;
  }

  read(): GoTime {
    const year = this.#take(/^\d{4}/, '2006');
    this.#take(/^-/, '-');
    const month = this.#number(/^\d\d/, '01', 'month', 1, 12);
    this.#take(/^-/, '-');
    const day = this.#take(/^\d\d/, '02');
    this.#take(/^T/, 'T');
    // Alone of all its parts, Go takes an hour of one digit.
    const hour = this.#number(/^\d\d?/, '15', 'hour', 0, 23);
    this.#take(/^:/, ':');
    const minute = this.#number(/^\d\d/, '04', 'minute', 0, 59);
    this.#take(/^:/, ':');
    const second = this.#number(/^\d\d/, '05', 'second', 0, 59);
    const fraction = this.#isMicro ? this.#take(/^[.,]\d{6}/, '.000000') : /^[.,]\d+/.exec(this.#rest)?.[0] ?? '';
    if (!this.#isMicro) this.#rest = this.#rest.slice(fraction.length);
    const offsetMinutes = this.#zone();
    if (this.#rest !== '') throw this.#refused(`: extra text: ${goTimeQuote(this.#rest)}`);
    const [date, time] = [[year, month, day].join('-'), [hour.padStart(2, '0'), minute, second].join(':')];
    // JavaScript takes the 30th of February for a day of March.
    const midnight = new Date(`${date}T00:00:00Z`);
    if (Number.isNaN(midnight.getTime()) || midnight.getUTCDate() !== Number(day)) throw this.#refused(': day out of range');
    return { ms: Date.parse(`${date}T${time}Z`) - offsetMinutes * 60_000, fraction: fraction.slice(1) };
  }

  /** Minutes ahead of UTC. */
  #zone(): number {
    if (this.#rest.startsWith('Z')) {
      this.#rest = this.#rest.slice(1);
      return 0;
    }
    const [found = '', sign, hours = '', minutes = ''] = /^(.)(..):(..)/s.exec(this.#rest) ?? [];
    const isHour = TWO_DIGITS.test(hours);
    const isMinute = TWO_DIGITS.test(minutes);
    if (isHour && Number(hours) > 24) throw this.#refused(': time zone offset hour out of range');
    if (isHour && isMinute && Number(minutes) > 60) throw this.#refused(': time zone offset minute out of range');
    if (!isHour || !isMinute || (sign !== '+' && sign !== '-')) throw this.#misplaced('Z07:00');
    this.#rest = this.#rest.slice(found.length);
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  }

  #take(what: RegExp, element: string): string {
    const found = what.exec(this.#rest)?.[0];
    if (found === undefined) throw this.#misplaced(element);
    this.#rest = this.#rest.slice(found.length);
    return found;
  }

  #number(what: RegExp, element: string, name: string, min: number, max: number): string {
    const digits = this.#take(what, element);
    if (Number(digits) < min || Number(digits) > max) throw this.#refused(`: ${name} out of range`);
    return digits;
  }

  #refused(why: string): Misread {
    return new Misread(`parsing time ${goTimeQuote(this.#text)}${why}`);
  }

  #misplaced(element: string): Misread {
    return this.#refused(` as ${goTimeQuote(this.#isMicro ? RFC3339_MICRO : RFC3339)}: cannot parse ${goTimeQuote(this.#rest)} as ${goTimeQuote(element)}`);
  }
}
