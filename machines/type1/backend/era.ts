/**
 * Whose type1 it is. `v13`: the 2016 series as posted; `v4.10`: as merged (c086de818dd8), up to 5.19; `v6.0`: with the
 * device list (8cfc5b60751b) and everything that changed in between.
 */
export type Era = 'v13' | 'v4.10' | 'v6.0'
