/** Writes messages of Google's protocol buffers, the base of TensorBoard's and ONNX's files. */
package gradus.protobuf;
