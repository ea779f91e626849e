/** The CUDA backend: cuDNN convolutions, cuBLAS products, and own kernels compiled at run time. */
package gradus.backend.cuda;
