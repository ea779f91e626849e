/** Using a trained model: what is on a picture, how sure the model is, and where it looked. */
package gradus.predict;
