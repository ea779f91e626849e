/**
 * From files to batches: {@link gradus.data.Dataset} says what there is, {@link
 * gradus.data.Sampler} which comes next, and {@link gradus.data.DataLoader} makes batches of it in
 * the background. Only the loader's last step, {@link gradus.tensor.Batch}, touches the tensor
 * side.
 */
package gradus.data;
