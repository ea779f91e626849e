/** A trained model behind HTTP: post a picture, get its classes. */
package gradus.serve;
