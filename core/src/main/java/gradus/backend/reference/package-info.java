/**
 * The definition of every op in plain Java and double precision: the oracle of the tests and the
 * fallback where no faster backend can run. Batch tensors are stored row-major, as their logical
 * shape says.
 */
package gradus.backend.reference;
