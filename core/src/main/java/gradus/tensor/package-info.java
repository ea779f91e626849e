/** Shapes, element types and the host side of a batch. */
package gradus.tensor;
