/** Measures kernels, whole steps, and the machine they run on. */
package gradus.bench;
