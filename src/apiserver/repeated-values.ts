/** Between the values of a parameter that is given more than once; a comma is part of a value. */
export const SEPARATOR = '\0';

/** Each value of a parameter; one that is empty is one. */
export const repeatedValues = (joined: string | undefined): readonly string[] => joined?.split(SEPARATOR) ?? [];
