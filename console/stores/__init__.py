"""Where stores, their devices and the PINs of their staff are managed: /console/stores/, for owners."""
