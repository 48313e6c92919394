/** All packages of Stagegate are released together, with one version. */
export const version = '0.1.0'
