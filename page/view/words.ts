/** `1 step`, `3 steps`. */
export const stepWords = (many: number): string => `${many} ${many === 1 ? 'step' : 'steps'}`
