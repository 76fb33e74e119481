/**
 * Thrown where a thread that only knows what others have learned is asked something new: whoever asked leaves it to those who can learn it. One for
 * all, since it happens often and nobody looks where.
 */
export class Unknown extends Error {}

export const unknown = new Unknown('not learned yet')
