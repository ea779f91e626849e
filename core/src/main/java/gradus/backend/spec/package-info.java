/**
 * The parameters of ops as records: they validate themselves, compute output shapes and serve as
 * cache keys.
 */
package gradus.backend.spec;
