package gradus.weights;

import gradus.tensor.Shape;

/**
 * What a safetensors header says about one tensor, after it was found to be true.
 *
 * @param type how its numbers are stored
 * @param shape its extents
 * @param begin its first byte, counted from the end of the header
 * @param end the byte after its last
 */
record TensorEntry(StoredType type, Shape shape, long begin, long end) {}
