/** The backend of the processor: kernels with the batch in the vector lanes, and OpenBLAS. */
package gradus.backend.cpu;
