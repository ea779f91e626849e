/** NumPy's array files: .npy, and .npz archives of them. */
package gradus.data.npy;
