/** The size of an Event's note. */
export const MAX_EVENT_LENGTH = 1000;
/** A status stays readable. */
export const MAX_ERRORS = 100;
