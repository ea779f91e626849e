/** Named weights in files other frameworks read and write too. */
package gradus.weights;
