/**
 * The same text in memory of its own, a byte a character where that is enough. What was cut out of a larger text otherwise holds all of it for as
 * long as it is kept.
 */
export const ownText = (text: string): string => Buffer.from(text).toString();
