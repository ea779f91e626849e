/** Event files that TensorBoard shows, written without Python. */
package gradus.tensorboard;
