/** Takes networks to other runtimes as ONNX files. */
package gradus.onnx;
