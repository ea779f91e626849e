/** The native kernels, as thin as JNI allows. */
package gradus.kernels;
