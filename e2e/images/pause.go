package images

// Pause is the reference of an image that does nothing until it is stopped.
const Pause = "podsim.test/pause:1"

func pause() (Image, error) {
	img, err := busybox()
	if err != nil {
		return Image{}, err
	}
	img.Tags = []string{Pause}
	img.Config.Entrypoint = []string{"sh", "-c", "trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done"}
	img.Config.Cmd = nil
	return img, nil
}
